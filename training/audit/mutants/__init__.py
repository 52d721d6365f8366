"""Pairs of contracts that differ by one planted fault, made from clean 0.8 code.

`operators` change the syntax tree's stretches of source; `directives` plant what a base's author
wrote down beside a line. Nothing here is used by the product.
"""
