// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

contract Desk {
    mapping(address => uint256) public credit;
    mapping(address => uint256) public bonus;

    modifier once() {
        assembly {
            if tload(0) { revert(0, 0) }
            tstore(0, 1)
        }
        _;
        assembly {
            tstore(0, 0)
        }
    }

    function pay(address receiver) external once {
        uint256 due = credit[receiver];
        require(due > 0, "nothing");
        (bool ok, ) = receiver.call{value: due}(""); // fault
        require(ok);
        credit[receiver] = 0;
    }

    function swapForBonus(uint256 part) external {
        credit[msg.sender] = credit[msg.sender] - part;
        bonus[msg.sender] += part;
    }
}
