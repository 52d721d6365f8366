pragma solidity ^0.8.20;
import {Proofs} from "./elsewhere/Proofs.sol";
contract Permits {
    using Proofs for bytes;
    mapping(address => mapping(address => bool)) public approved;
    mapping(address => uint256) public next;
    function permit(address from, address to, uint256 nonce, bytes calldata signature) external {
        require(next[from]++ == nonce);
        signature.verify(keccak256(abi.encode(from, to, nonce, address(this))), from);
        approved[from][to] = true;
    }
    function act(address from) external view returns (bool) {
        require(approved[from][msg.sender]);
        return true;
    }
}
