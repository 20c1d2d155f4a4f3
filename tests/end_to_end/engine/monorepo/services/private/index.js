console.log('private')
