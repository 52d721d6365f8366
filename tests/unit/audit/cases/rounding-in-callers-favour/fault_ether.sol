pragma solidity ^0.8.0;

contract Pot {
    mapping(address => uint256) part;
    uint256 parts;

    function put() external payable {
        uint256 before = address(this).balance - msg.value;
        uint256 made = parts == 0 ? msg.value : (msg.value * parts) / before;
        part[msg.sender] += made;
        parts += made;
    }

    function take(uint256 amount) external {
        uint256 cost = (amount * parts) / address(this).balance; // fault
        part[msg.sender] = part[msg.sender] - cost;
        parts -= cost;
        (bool ok, ) = msg.sender.call{value: amount}("");
        require(ok);
    }
}
