pragma solidity ^0.8.0;

contract Deposits {
    mapping(address => mapping(address => uint256)) held;

    function deposit(address token, uint256 amount) external {
        require(token.code.length > 0);
        (bool ok, bytes memory data) = token.call(
            abi.encodeWithSelector(0x23b872dd, msg.sender, address(this), amount)
        );
        require(ok && (data.length == 0 || abi.decode(data, (bool))));
        held[token][msg.sender] += amount;
    }
}
