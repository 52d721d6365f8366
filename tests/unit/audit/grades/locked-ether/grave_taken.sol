pragma solidity ^0.8.20;
contract Sale {
    mapping(address => uint256) internal bought;
    function buy(uint256 what) external payable { // here
        require(msg.value == 1 ether);
        bought[msg.sender] = what;
    }
}
contract Jar {
    receive() external payable {} // here
}
