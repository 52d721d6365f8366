// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 v) external returns (bool);
}

contract Streams {
    struct Flow {
        address payee;
        uint256 due;
        uint256 drawn;
    }

    IERC20 public immutable money;
    mapping(uint256 => Flow) public flows;
    mapping(address => uint256) public credit;
    uint256 internal count;

    constructor(IERC20 m) {
        money = m;
    }

    function open(address payee) external payable {
        flows[count++] = Flow(payee, msg.value, 0);
    }

    function draw(uint256 id, uint256 sum) external {
        require(flows[id].due - flows[id].drawn >= sum, "early");
        flows[id].drawn += sum;
        require(money.transfer(msg.sender, sum), "money"); // fault
    }

    function settle(uint256 id) external {
        Flow storage f = flows[id];
        require(f.due > 0, "none");
        credit[msg.sender] += f.due; // fault
        f.due = 0;
    }

    function undo(uint256 id) external {
        Flow memory f = flows[id];
        delete flows[id];
        payable(msg.sender).transfer(f.due); // fault
    }
}
