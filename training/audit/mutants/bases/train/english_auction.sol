// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract EnglishAuction {
    address public seller;
    address public leader;
    uint256 public best;
    uint256 public endsAt;
    bool public settled;
    mapping(address => uint256) public owed;

    constructor(uint256 runs) { seller = msg.sender; endsAt = block.timestamp + runs; }

    function bid() external payable {
        require(block.timestamp < endsAt, "over");
        require(msg.value > best, "low");
        if (leader != address(0)) {
            owed[leader] += best; //= push-payment: payable(leader).transfer(best); //= push-payment: (bool ok, ) = leader.call{value: best}(""); require(ok, "refund");
        }
        leader = msg.sender;
        best = msg.value;
    }

    function take() external {
        uint256 due = owed[msg.sender];
        require(due > 0, "none");
        owed[msg.sender] = 0;
        (bool ok, ) = payable(msg.sender).call{value: due}("");
        require(ok, "unpaid");
    }

    function settle() external {
        require(block.timestamp >= endsAt, "running");
        require(!settled, "done");
        settled = true;
        (bool ok, ) = payable(seller).call{value: best}("");
        require(ok, "unpaid");
    }

    function extend(uint256 more) external {
        require(msg.sender == seller, "seller");
        endsAt += more;
    }
}
