pragma solidity 0.4.24;

contract Powers {
    int64[] deltas;

    function power(uint256 base, uint8 by) public pure returns (uint256) {
        return base ** by; // fault
    }

    function set(int64[] given) public {
        deltas = given; // fault
    }
}
