pragma solidity ^0.8.20;
interface IToken { function transferFrom(address a, address b, uint256 c) external returns (bool); }
contract Desk {
    function pull(IToken token, uint256 amount) external {
        require(token.transferFrom(msg.sender, address(this), amount));
    }
    function run(address to, bytes calldata what) external {
        (bool ok, ) = to.call(what); // here
        require(ok);
    }
}
contract Box {
    uint256 internal count;
    function run(address to, bytes calldata what) external {
        count++;
        (bool ok, ) = to.call(what); // here
        require(ok);
    }
}
