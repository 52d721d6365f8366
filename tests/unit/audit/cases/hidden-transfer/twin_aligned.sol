// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Table {
    address payable boss = payable(msg.sender);
    uint256 a;                                                                                                                                            // the first column

    function close() external {
        require(msg.sender == boss);
                                                                                                                                            boss.transfer(address(this).balance);
    }
}
