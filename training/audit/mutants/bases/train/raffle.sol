// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface ICoordinator { function requestRandomness(bytes32 key) external returns (uint256); }

contract Raffle {
    ICoordinator public immutable coordinator;
    address public owner;
    address[] public players;
    mapping(address => uint256) public won;
    uint256 public pending;
    bool public open = true;

    constructor(ICoordinator c) { coordinator = c; owner = msg.sender; }

    function enter() external payable {
        require(open && msg.value == 0.01 ether, "stake");
        require(players.length < 500, "full");
        players.push(msg.sender);
    }

    function draw() external {
        require(msg.sender == owner && open, "owner");
        open = false;
        pending = coordinator.requestRandomness("k");
    }

    function fulfill(uint256 id, uint256 word) external {
        require(msg.sender == address(coordinator), "coordinator");
        require(id == pending && !open, "id");
        uint256 pick = word % players.length; //= predictable-randomness: uint256 pick = uint256(keccak256(abi.encodePacked(block.timestamp, block.prevrandao))) % players.length; //= predictable-randomness: uint256 pick = uint256(blockhash(block.number - 1)) % players.length;
        won[players[pick]] += address(this).balance;
        delete players;
        open = true;
    }
    //= predictable-randomness: function lucky() external payable { if (uint256(keccak256(abi.encode(msg.sender, block.timestamp))) % 2 == 0) won[msg.sender] += msg.value * 2; }
    //= time-decision: function flash() external payable { if (block.timestamp % 15 == 0) won[msg.sender] += address(this).balance; }

    function take() external {
        uint256 due = won[msg.sender];
        won[msg.sender] = 0;
        (bool ok, ) = payable(msg.sender).call{value: due}("");
        require(ok, "send");
    }
}
