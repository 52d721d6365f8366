pragma solidity ^0.8.20;
interface IBook { function find(bytes32 name) external returns (address); }
interface IIssuer { function issue(address to, uint256 amount) external; }
contract Wrapped {
    address internal found;
    uint256 internal issued;
    function refresh(IBook book) external {
        found = book.find("issuer");
    }
    function wrap(uint256 amount) external {
        uint256 before = issued;
        IIssuer(found).issue(msg.sender, amount); // here
        issued = before + amount;
    }
}
