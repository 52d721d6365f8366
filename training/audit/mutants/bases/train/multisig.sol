// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Multisig {
    struct Job { address to; uint256 value; bytes data; uint256 votes; bool done; }
    mapping(address => bool) public isSigner;
    mapping(uint256 => mapping(address => bool)) public voted;
    Job[] public jobs;
    uint256 public quorum;

    constructor(address[] memory signers, uint256 need) {
        for (uint256 i = 0; i < signers.length; i++) isSigner[signers[i]] = true;
        quorum = need;
    }

    receive() external payable {}

    function propose(address to, uint256 value, bytes calldata data) external {
        require(isSigner[msg.sender], "signer");
        jobs.push(Job(to, value, data, 0, false));
    }

    function approve(uint256 id) external {
        require(isSigner[msg.sender], "signer"); //- no-caller-check
        require(!voted[id][msg.sender], "voted");
        voted[id][msg.sender] = true;
        jobs[id].votes += 1;
    }

    function run(uint256 id) external {
        require(isSigner[msg.sender], "signer");
        Job storage job = jobs[id];
        require(job.votes >= quorum, "votes"); //= no-access-control: require(job.to != address(0));
        require(!job.done, "done");
        job.done = true;
        (bool ok, ) = job.to.call{value: job.value}(job.data);
        require(ok, "failed");
    }

    function setQuorum(uint256 need) external {
        require(msg.sender == address(this), "self");
        quorum = need;
    }
    //= no-access-control: function close(address payable to) external { selfdestruct(to); }
    //= delegate-to-input: function extend(address module, bytes calldata data) external { (bool ok, ) = module.delegatecall(data); require(ok); }
}
