pragma solidity ^0.8.0;

contract Roots {
    uint256 public kept;

    function invert(uint256 d) external {
        uint256 inverse;
        assembly {
            let odd := div(d, and(d, sub(0, d)))
            inverse := xor(mul(3, odd), 2)
        }
        kept = inverse;
    }

    function scaled(uint112 first, uint112 second, uint32 passed) external {
        kept += ((uint224(first) * 2 ** 112) / second) * passed;
    }
}
