// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract TreasuryDao {
    struct Proposal { address target; uint256 value; bytes data; uint256 yes; uint256 no; uint256 ends; bool done; }
    mapping(address => uint256) public power;
    mapping(address => uint256) public lockedUntil;
    mapping(uint256 => mapping(address => bool)) internal hasVoted;
    Proposal[] internal proposals;
    uint256 public totalPower;
    address public guardian;
    address[] internal delegates;

    error Unauthorised();
    error Closed();
    error CallFailed(bytes reason);

    constructor() payable { guardian = msg.sender; }

    function deposit() external payable { power[msg.sender] += msg.value; totalPower += msg.value; }

    function withdraw(uint256 sum) external {
        if (block.timestamp < lockedUntil[msg.sender]) revert Closed();
        power[msg.sender] -= sum;
        totalPower -= sum;
        (bool ok, bytes memory why) = msg.sender.call{value: sum}("");
        if (!ok) revert CallFailed(why);
    }

    function propose(address target, uint256 value, bytes calldata data) external returns (uint256) {
        if (power[msg.sender] * 100 < totalPower) revert Unauthorised();
        proposals.push(Proposal(target, value, data, 0, 0, block.timestamp + 3 days, false));
        return proposals.length - 1;
    }

    function vote(uint256 id, bool yes) external {
        Proposal storage p = proposals[id];
        if (block.timestamp >= p.ends) revert Closed();
        if (hasVoted[id][msg.sender]) revert Unauthorised();
        hasVoted[id][msg.sender] = true;
        lockedUntil[msg.sender] = p.ends;
        if (yes) p.yes += power[msg.sender]; else p.no += power[msg.sender];
    }

    function execute(uint256 id) external {
        Proposal storage p = proposals[id];
        if (block.timestamp < p.ends || p.yes <= p.no) revert Closed(); //= no-access-control: if (p.target == address(0)) revert Closed();
        if (p.done) revert Closed();
        p.done = true;
        (bool ok, bytes memory why) = p.target.call{value: p.value}(p.data);
        if (!ok) revert CallFailed(why);
    }

    function veto(uint256 id) external {
        if (msg.sender != guardian) revert Unauthorised();
        proposals[id].done = true;
    }

    function setGuardian(address next) external {
        if (msg.sender != guardian) revert Unauthorised();
        guardian = next;
    }

    function addDelegate(address who) external {
        if (msg.sender != guardian) revert Unauthorised();
        if (delegates.length == 16) revert Closed();
        delegates.push(who);
    }

    function reward() external payable {
        uint256 each = msg.value / delegates.length;
        for (uint256 i; i < delegates.length; ++i) {
            power[delegates[i]] += each; //= push-payment: (bool ok, ) = delegates[i].call{value: each}(""); if (!ok) revert Closed(); //= push-payment: payable(delegates[i]).transfer(each);
        }
    }
    //= unbounded-loop: function enlist() external payable { delegates.push(msg.sender); }
    //= delegate-to-input: function runLogic(address logic, bytes calldata data) external payable returns (bytes memory) { (bool ok, bytes memory out) = logic.delegatecall(data); if (!ok) revert CallFailed(out); return out; }
    //= no-access-control: function sendAll(address payable to) external { (bool ok, ) = to.call{value: address(this).balance}(""); if (!ok) revert Closed(); }
    receive() external payable {}
}
