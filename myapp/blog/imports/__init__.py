"""Imports of other sites' posts: started by a person, run by a process, watched while they run.

    upload = await save_upload(scope, "site.xml", chunks)                   # a page
    started = await start_import(scope, upload.path, filename="site.xml")   # a job runs it

    card = await import_file(scope, Path("site.xml"))                       # a command runs it here and now

Where an import is stands in its row, written in the transaction of each batch, so it is exact whenever somebody looks
and after whatever happened. Who runs an import holds a lock that dies with the process: that is how an import whose
process died is told from one that runs. It goes on from the batch it was at.
"""
