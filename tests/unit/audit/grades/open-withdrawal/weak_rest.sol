pragma solidity ^0.8.20;
interface IShop { function buy(uint256 what) external payable; }
contract Buyer {
    IShop internal shop;
    function buy(uint256[] calldata what, uint256 price) external payable {
        for (uint256 i = 0; i < what.length; i++) {
            shop.buy{value: price}(what[i]);
        }
        uint256 rest = address(this).balance;
        if (rest > 0) {
            (bool ok, ) = msg.sender.call{value: rest}(""); // here
            require(ok);
        }
    }
}
