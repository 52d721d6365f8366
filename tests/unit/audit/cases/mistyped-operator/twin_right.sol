pragma solidity ^0.8.0;

contract Sums {
    int256 public total;
    bool public open;

    function f(int256 a, bool b) external returns (bool) {
        total += a;
        total -= a;
        total = -a;
        total=-a;
        open = !b;
        return open == b;
    }
}
