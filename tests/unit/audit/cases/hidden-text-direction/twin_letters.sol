pragma solidity ^0.8.0;

contract A {
    string public name = unicode"größer — 値 €";
}
