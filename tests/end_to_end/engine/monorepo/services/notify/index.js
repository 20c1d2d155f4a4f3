console.log('notify')
