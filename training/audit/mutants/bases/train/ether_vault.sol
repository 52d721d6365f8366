// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract EtherVault {
    mapping(address => uint256) private deposits;
    address public keeper;
    uint256 private entered = 1;
    uint256 public feeBps;
    error NotKeeper();

    constructor() { keeper = msg.sender; }

    modifier onlyKeeper() { if (msg.sender != keeper) revert NotKeeper(); _; }
    modifier nonReentrant() { require(entered == 1); entered = 2; _; entered = 1; }

    receive() external payable { deposits[msg.sender] += msg.value; }

    function deposit() external payable { deposits[msg.sender] += msg.value; }

    function withdraw(uint256 amount) external nonReentrant {
        require(deposits[msg.sender] >= amount, "short");
        deposits[msg.sender] -= amount;
        (bool sent, ) = payable(msg.sender).call{value: amount}("");
        require(sent, "unsent");
    }

    function withdrawAll() external nonReentrant {
        uint256 due = deposits[msg.sender];
        require(due > 0);
        (bool sent, ) = payable(msg.sender).call{value: due}("");
        require(sent, "unsent");
        deposits[msg.sender] = 0;
    }

    function move(address to, uint256 amount) external nonReentrant {
        deposits[msg.sender] -= amount;
        deposits[to] += amount;
    }

    function setFee(uint256 bps) external onlyKeeper { require(bps <= 100); feeBps = bps; }
    function setKeeper(address next) external onlyKeeper { require(next != address(0)); keeper = next; }
    function rescue(address payable to, uint256 amount) external onlyKeeper {
        (bool sent, ) = to.call{value: amount}("");
        require(sent, "unsent");
    }
}
