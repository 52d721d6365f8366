pragma solidity ^0.8.20;
contract Bundle {
    struct Call { address to; uint256 value; bytes what; }
    function run(Call[] calldata calls) external payable {
        uint256 sum;
        for (uint256 i = 0; i < calls.length; i++) {
            sum += calls[i].value;
            (bool ok, ) = calls[i].to.call{value: calls[i].value}(calls[i].what); // here
            require(ok);
        }
        require(msg.value == sum);
    }
}
