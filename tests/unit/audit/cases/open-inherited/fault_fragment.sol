function mintTo(address account, uint256 amount) external {
    _mint(account, amount); // fault
}
