"""The grammar of JSONata: text to tokens to a tree, with the signatures of functions."""
