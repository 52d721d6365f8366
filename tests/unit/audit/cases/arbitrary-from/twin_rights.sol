pragma solidity ^0.8.20;
interface IToken { function transferFrom(address a, address b, uint256 c) external returns (bool); }
contract Lock {
    mapping(bytes32 => mapping(address => uint256)) internal place;
    address[] internal listed;
    address internal owner = msg.sender;
    function let(bytes32 role, address who) external {
        require(msg.sender == owner);
        listed.push(who);
        place[role][who] = listed.length;
    }
    function lock(IToken token, address from, uint256 amount) external {
        require(place["manager"][msg.sender] != 0);
        require(token.transferFrom(from, address(this), amount));
    }
}
