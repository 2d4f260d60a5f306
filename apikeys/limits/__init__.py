"""How often one caller may call: windows, what a call costs, where it is counted, and who has failed too often."""
