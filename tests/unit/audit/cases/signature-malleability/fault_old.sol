pragma solidity ^0.4.24;

contract Bets {
    mapping(bytes32 => bool) used;
    mapping(address => uint) won;
    address house;

    function settle(uint amount, uint8 v, bytes32 r, bytes32 s) public {
        require(v == 27 || v == 28);
        require(!used[s]);
        require(ecrecover(keccak256(abi.encodePacked(this, msg.sender, amount)), v, r, s) == house); // fault
        used[s] = true;
        won[msg.sender] += amount;
    }
}
