pragma solidity ^0.8.20;
import {IMeta} from "./elsewhere/IMeta.sol";
contract Made {
    mapping(address => string) internal made;
    function make(IMeta of) external {
        require(bytes(made[address(of)]).length == 0);
        made[address(of)] = of.symbol();
    }
}
