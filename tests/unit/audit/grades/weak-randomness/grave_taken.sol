pragma solidity ^0.8.20;
contract Rota {
    address payable[] internal list;
    function drawn() public view returns (uint256) {
        return block.number % list.length; // here
    }
    function pay() external {
        list[drawn()].transfer(1 ether);
    }
}
