pragma solidity ^0.8.20;
contract Questions {
    struct Question { address to; bytes what; }
    function ask(Question[] calldata questions) external returns (bytes[] memory answers) {
        answers = new bytes[](questions.length);
        for (uint256 i = 0; i < questions.length; i++) {
            (bool ok, bytes memory answer) = questions[i].to.call(questions[i].what); // here
            require(ok);
            answers[i] = answer;
        }
    }
}
