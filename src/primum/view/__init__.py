"""`primum view`: the runs, comparisons and audits of a folder, in a browser on this machine.

Reads files only, as they are written: `folders` finds what there is, `overview` and `live` work out
what to show, `pages` makes HTML of it, and `server` hands it to a browser.
"""
