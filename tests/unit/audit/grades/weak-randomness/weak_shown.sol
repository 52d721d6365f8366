pragma solidity ^0.8.20;
contract Rota {
    address[] internal list;
    function first() external view returns (address) {
        return list[block.number % list.length]; // here
    }
}
