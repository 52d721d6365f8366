pragma solidity ^0.8.0;

contract Pay {
    function pay(address to) external payable {
        require(to.code.length == 0);
        payable(to).transfer(msg.value);
    }

    function register() external view returns (bool) {
        require(msg.sender.code.length > 0);
        return true;
    }
}
