// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IVotes { function balanceOf(address a) external view returns (uint256); function getPastVotes(address a, uint256 b) external view returns (uint256); }
contract Gov {
    IVotes public immutable token;
    struct P { address target; bytes data; uint256 yes; uint256 snapshot; bool done; }
    P[] public props;
    mapping(uint256 => mapping(address => bool)) public voted;
    constructor(IVotes t) { token = t; }
    function propose(address t, bytes calldata d) external returns (uint256) { props.push(P(t, d, 0, block.number - 1, false)); return props.length - 1; }
    function vote(uint256 id) external {
        require(!voted[id][msg.sender], "voted");
        voted[id][msg.sender] = true;
        props[id].yes += token.balanceOf(msg.sender);  // fault
    }
}
