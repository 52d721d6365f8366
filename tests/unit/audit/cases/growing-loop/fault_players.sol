pragma solidity ^0.8.20;

contract Draw {
    address[] public players;

    function enter(address[] calldata fresh) external payable {
        require(msg.value == fresh.length * 1 ether, "fee");
        for (uint256 i; i < fresh.length; i++) {
            players.push(fresh[i]);
        }
        for (uint256 i; i < players.length; i++) { // fault
            for (uint256 j = i + 1; j < players.length; j++) { // fault
                require(players[i] != players[j], "twice");
            }
        }
    }
}
