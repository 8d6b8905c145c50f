"""The devices, one file for each maker or standard; each is declared, none has logic."""
