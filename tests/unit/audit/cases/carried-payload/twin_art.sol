// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Art {
    string page =
        "<html><canvas id=c></canvas><script>var x=document.getElementById('c').getContext('2d');"
        "setTimeout('draw()',40);function draw(){x.fillRect(0,0,9,9)}</script></html>";

    function tokenURI(uint256) external view returns (string memory) {
        return string.concat("data:text/html,", page);
    }
}
