pragma solidity ^0.8.20;
contract Wages {
    address internal owner = msg.sender;
    address payable[] internal hired;
    function hire(address payable who) external {
        require(msg.sender == owner);
        hired.push(who);
    }
    function pay() external {
        for (uint256 i = 0; i < hired.length; i++) hired[i].transfer(1); // here
    }
}
