pragma solidity ^0.8.20;
contract Down {
    uint256[] internal items;
    function last(uint256 start, uint256 want) external view returns (uint256) {
        for (uint256 i = start; i >= 0 && i <= start;) { // here
            if (items[i] == want) return i;
            unchecked { i--; }
        }
        return 0;
    }
}
