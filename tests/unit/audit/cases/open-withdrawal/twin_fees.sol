// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 v) external returns (bool);
}

library SafeERC20 {
    function safeTransfer(IERC20 token, address to, uint256 v) internal {
        (bool ok, bytes memory data) = address(token).call(
            abi.encodeWithSelector(token.transfer.selector, to, v)
        );
        require(ok && (data.length == 0 || abi.decode(data, (bool))), "failed");
    }
}

contract Shop {
    using SafeERC20 for IERC20;

    IERC20 public immutable money;
    uint256 public fees;
    address public immutable keeper = msg.sender;
    mapping(address => uint256) public bought;

    constructor(IERC20 m) {
        money = m;
    }

    function buy() external payable {
        fees += msg.value / 100;
        bought[msg.sender] += msg.value - msg.value / 100;
    }

    function takeFees(address payable to) external {
        require(msg.sender == keeper, "keeper");
        uint256 sum = fees;
        fees = 0;
        (bool ok, ) = to.call{value: sum}("");
        require(ok, "sent");
    }

    function cashOut(address to, uint256 sum) external {
        if (msg.sender != keeper) revert();
        money.safeTransfer(to, sum);
    }
}
