pragma solidity ^0.8.0;

contract Names {
    string private base = "ipfs://";

    function path(string calldata folder, string calldata file) external view returns (string memory) {
        return string(abi.encodePacked(base, folder, file));
    }

    function id(bytes calldata data) external view returns (bytes32) {
        return keccak256(abi.encodePacked(base, data));
    }
}
