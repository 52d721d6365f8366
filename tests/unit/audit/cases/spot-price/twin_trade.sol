pragma solidity ^0.8.0;

interface IPair {
    function getReserves() external view returns (uint112, uint112, uint32);
    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external;
}

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Router {
    function trade(IPair pair, IToken token, uint256 amount, uint256 least) external {
        (uint112 first, uint112 second, ) = pair.getReserves();
        uint256 out = (amount * 997 * second) / (uint256(first) * 1000 + amount * 997);
        require(out >= least);
        require(token.transferFrom(msg.sender, address(pair), amount));
        pair.swap(0, out, msg.sender, "");
    }
}
