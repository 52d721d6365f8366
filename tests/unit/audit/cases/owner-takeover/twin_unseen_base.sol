pragma solidity ^0.8.20;
import {Tokens} from "./elsewhere/Tokens.sol";
contract Permits is Tokens {
    function approve(address to, bool yes) external {
        _approve(msg.sender, to, yes);
    }
    function _approve(address from, address to, bool yes) internal {
        allowed[from][to] = yes;
    }
    function act(address from) external view returns (bool) {
        require(allowed[from][msg.sender]);
        return true;
    }
}
