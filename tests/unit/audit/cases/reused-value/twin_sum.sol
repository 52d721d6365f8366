pragma solidity ^0.8.20;
contract Drop {
    function drop(address payable[] calldata to, uint256[] calldata amounts) external payable {
        uint256 sum;
        for (uint256 i = 0; i < to.length; i++) {
            sum += amounts[i];
            require(sum <= msg.value);
            to[i].transfer(amounts[i]);
        }
    }
}
