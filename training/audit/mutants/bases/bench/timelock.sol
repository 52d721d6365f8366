// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract Timelock {
    enum State { None, Queued, Done }
    mapping(bytes32 => uint256) public readyAt;
    mapping(bytes32 => State) public stateOf;
    address public proposer;
    address public pendingProposer;
    uint256 public delay;
    error Early();
    error Foreign();

    modifier onlySelf() { if (msg.sender != address(this)) revert Foreign(); _; }
    modifier onlyProposer() { if (msg.sender != proposer) revert Foreign(); _; }
    constructor(uint256 d) { proposer = msg.sender; delay = d; }
    receive() external payable {}

    function queue(address to, uint256 value, bytes calldata data) external onlyProposer returns (bytes32 id) {
        id = keccak256(abi.encode(to, value, data));
        if (stateOf[id] != State.None) revert Early();
        stateOf[id] = State.Queued;
        readyAt[id] = block.timestamp + delay;
    }

    function queueNamed(string calldata name, string calldata note, address to) external onlyProposer {
        bytes32 id = keccak256(abi.encode(name, note, to));
        stateOf[id] = State.Queued;
        readyAt[id] = block.timestamp + delay;
    }

    function run(address to, uint256 value, bytes calldata data) external {
        bytes32 id = keccak256(abi.encode(to, value, data));
        if (stateOf[id] != State.Queued || block.timestamp < readyAt[id]) revert Early(); //- no-access-control
        stateOf[id] = State.Done;
        (bool ok, ) = to.call{value: value}(data);
        if (!ok) revert Foreign();
    }

    function cancel(bytes32 id) external onlyProposer { stateOf[id] = State.None; readyAt[id] = 0; }
    function setDelay(uint256 d) external onlySelf { delay = d; }
    function offerRole(address next) external onlyProposer { pendingProposer = next; }
    function acceptRole() external {
        if (msg.sender != pendingProposer) revert Foreign(); //- no-caller-check //= tx-origin: if (tx.origin != pendingProposer) revert Foreign();
        proposer = msg.sender;
        pendingProposer = address(0);
    }
}
