pragma solidity ^0.8.0;

contract Payer {
    function pull(address token, uint256 amount) external {
        bytes memory data = abi.encodeWithSelector(0x23b872dd, msg.sender, address(this), amount);
        (bool ok, ) = token.call(data);
        require(ok);
    }

    function pay(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        require(ok);
    }
}
