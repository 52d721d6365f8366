function takeOver() public {
    keeper = msg.sender; // fault
}
