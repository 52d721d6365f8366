function grow(uint256 amount) public {
    total += amount; // fault
}
