// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Job {
    uint256 left;

    // eval(atob("aW5lcnQ=")) in a comment is no content
    function run(uint256 n) external {
        require(n > 3, "eval of the script failed (see https://docs.example.org/e/3)");
        require(n < 9, "exec: powershell, cmd and curl may not fetch this | try again");
        left = n;
    }
}
