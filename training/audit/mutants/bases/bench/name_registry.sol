// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract NameRegistry {
    struct Entry { address holder; uint256 expires; string text; }
    mapping(bytes32 => Entry) public entries;
    mapping(bytes32 => uint256) public sealedAt;
    mapping(address => uint256) public surplus;
    address public registrar;
    uint256 public yearly = 0.01 ether;

    error NotHolder();
    constructor() { registrar = msg.sender; }
    modifier onlyHolder(bytes32 node) { if (entries[node].holder != msg.sender) revert NotHolder(); _; }
    modifier onlyRegistrar() { require(msg.sender == registrar, "registrar"); _; }

    function seal(bytes32 hash) external { if (sealedAt[hash] == 0) sealedAt[hash] = block.timestamp; }

    function register(string calldata label, bytes32 salt) external payable {
        bytes32 hash = keccak256(abi.encode(label, salt, msg.sender));
        require(sealedAt[hash] != 0 && sealedAt[hash] + 60 < block.timestamp, "seal first"); //- order-dependence
        bytes32 node = keccak256(bytes(label));
        require(entries[node].expires < block.timestamp, "taken");
        require(msg.value >= yearly, "price");
        entries[node] = Entry(msg.sender, block.timestamp + 365 days, label);
        surplus[msg.sender] += msg.value - yearly; //= push-payment: payable(entries[node].holder).transfer(msg.value - yearly);
    }

    function registerPair(string calldata label, string calldata zone) external payable {
        require(msg.value == yearly, "price");
        bytes32 node = keccak256(abi.encode(label, zone));
        require(entries[node].expires < block.timestamp, "taken");
        entries[node] = Entry(msg.sender, block.timestamp + 365 days, label);
    }

    function setText(bytes32 node, string calldata text) external onlyHolder(node) { entries[node].text = text; }
    function give(bytes32 node, address to) external onlyHolder(node) { entries[node].holder = to; }
    function setYearly(uint256 price) external onlyRegistrar { yearly = price; }
    function revoke(bytes32 node) external onlyRegistrar { delete entries[node]; }
    function cash(address payable to, uint256 sum) external onlyRegistrar {
        (bool ok, ) = to.call{value: sum}("");
        require(ok, "cash");
    }
    function reclaim() external {
        uint256 sum = surplus[msg.sender];
        surplus[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: sum}("");
        require(ok, "reclaim");
    }
    //= no-access-control: function setHolder(bytes32 node, address to) external { entries[node].holder = to; }
}
