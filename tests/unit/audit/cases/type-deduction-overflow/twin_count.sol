pragma solidity ^0.4.19;

contract Split {
    address[3] parts;

    function split() public payable {
        var share = msg.value / 3;
        for (var i = 0; i < 3; i++) {
            parts[i].transfer(share);
        }
        msg.sender.transfer(msg.value - share * 3);
    }
}
