// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Splitter {
    address payable[] public payees;
    uint256[] public weights;
    constructor(address payable[] memory p, uint256[] memory w) { require(p.length == w.length && p.length <= 10); payees = p; weights = w; }
    function distribute() external view returns (uint256 sum) {
        for (uint256 i = 0; i < weights.length; i++) {
            sum += weights[i];
        }
    }
}
