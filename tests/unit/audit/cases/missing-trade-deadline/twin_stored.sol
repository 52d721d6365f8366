pragma solidity ^0.8.0;

interface IRouter {
    function getAmountsOut(uint256, address[] calldata) external view returns (uint256[] memory);
    function swapExactTokensForTokens(
        uint256 amount, uint256 least, address[] calldata path, address to, uint256 deadline
    ) external returns (uint256[] memory);
    function swapTokensForExactTokens(
        uint256 amount, uint256 most, address[] calldata path, address to, uint256 deadline
    ) external returns (uint256[] memory);
}

interface ISwap {
    struct Single {
        address from; address to; uint24 fee; address receiver; uint256 deadline;
        uint256 amount; uint256 least; uint160 limit;
    }
    function exactInputSingle(Single calldata given) external payable returns (uint256);
}

contract Trader {
    struct Order { uint256 amount; uint256 least; uint256 until; }

    IRouter router;
    address[] path;
    mapping(uint256 => Order) orders;

    function place(uint256 id, uint256 amount, uint256 least, uint256 span) external {
        orders[id] = Order(amount, least, block.timestamp + span);
    }

    function fill(uint256 id) external {
        Order storage order = orders[id];
        router.swapExactTokensForTokens(order.amount, order.least, path, msg.sender, order.until);
    }
}
