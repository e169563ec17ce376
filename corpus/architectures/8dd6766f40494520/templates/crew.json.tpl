{"board": "${ferry}", "destination": "${to}", "at": <at>}
